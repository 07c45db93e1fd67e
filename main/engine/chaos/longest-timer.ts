/** 24 days: setTimeout takes no more, and would be over at once. */
export const LONGEST_TIMER_MS = 2 ** 31 - 1;
