/** The grid that exists from the first start. */
export const FIRST_GRID = 'default';
