/** The grid that exists from the first start. Credentials lie in it, though they open all. */
export const FIRST_GRID = 'default';
