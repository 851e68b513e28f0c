/** Stands for the visitor in grants that were made at the door: the cloud does not know them. */
export const localHolderId = '0'.repeat(32)
