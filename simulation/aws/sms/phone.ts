/** The simulated phones: every text that SNS or End User Messaging was asked to send. */
export interface SentText {
  readonly via: 'sns' | 'end-user-messaging' | 'notify'
  readonly messageId: string
  readonly atMs: number
  readonly to: string
  readonly body: string
  /** Sender id, pool or configuration: whatever the service was told to send as. */
  readonly origin: string | null
  /** Only for texts whose words the service keeps itself. */
  readonly template: {
    readonly id: string | null
    readonly variables: Record<string, string>
  } | null
}

export const isPhoneNumber = (text: string): boolean => /^\+[1-9]\d{6,14}$/.test(text)
