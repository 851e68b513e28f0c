/**
 * A bright screen at a dark door blinds whoever looks at it. The screen's own setting counts; where
 * it gives no hint (a browser then says "light"), the hour does.
 */
export type Light = 'day' | 'night'

const nightFromHour = 22
const nightToHour = 6

export const lightAt = (hour: number, prefersDark: boolean): Light =>
  prefersDark || hour >= nightFromHour || hour < nightToHour ? 'night' : 'day'
