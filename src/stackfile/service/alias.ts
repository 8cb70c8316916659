const LABEL = '[A-Za-z0-9_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?';
const ALIAS = new RegExp(`^(?=.{1,253}$)${LABEL}(\\.${LABEL})*$`);

/** Whether a resolver can look for a name: what a link is called inside a container. */
export const isAlias = (name: string): boolean => ALIAS.test(name);

/** What is wrong with a name that is none. */
export const noAlias = (name: string): { readonly message: string; readonly hint: string } => ({
  message: `"${name}" cannot be the name of a service inside a container`,
  hint: 'letters, digits, -, _ and dots, like db or db.internal',
});
