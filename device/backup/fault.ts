/** A backup cannot be made or used. */
export class BackupFault extends Error {
  override readonly name = 'BackupFault'
}
