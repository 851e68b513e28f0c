/**
 * A bright screen dazzles at night. The browser's preference decides if it is dark; "light" is also
 * what browsers report without a preference, so the hour decides then.
 */
type Light = 'day' | 'night'

const nightFromHour = 22
const nightToHour = 6

export const lightAt = (hour: number, prefersDark: boolean): Light =>
  prefersDark || hour >= nightFromHour || hour < nightToHour ? 'night' : 'day'
