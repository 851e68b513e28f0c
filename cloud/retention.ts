/** How long the cloud stores what, in days. The template, the tables and the privacy page use these. */
export const retentionDays = {
  /** Snapshots, and the faces cut out of them. */
  snapshots: 30,
  /** Uploads that were not put on file, and clips for download. */
  uploads: 1,
  recordings: 7,
  visits: 365,
  /** Number and hash of each message of a door. */
  doorLog: 365,
  requests: 30,
  /** After a code has expired. */
  codes: 1,
  /** After a PIN, or a code of a guest or courier, has ended. */
  credentials: 30,
  /** Which visitors were deleted, for doors that were offline. */
  removals: 365,
  /** In which the tables can be restored to any moment, with what was deleted since. */
  backup: 14,
} as const
