/** What a door says about each fragment of its video: whose visit it shows. */
export const fragmentTagNames = { visitId: 'VISIT_ID', visitNumber: 'VISIT_NUMBER' } as const
