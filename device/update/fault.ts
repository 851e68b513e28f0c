/** A release cannot be installed. */
export class UpdateFault extends Error {
  override readonly name = 'UpdateFault'
}
