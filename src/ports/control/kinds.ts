/** The kinds that people see. */
export const RESOURCE_KINDS = ['grid', 'node', 'stack', 'service', 'instance', 'route', 'secret', 'certificate', 'volume', 'registry', 'token', 'credential', 'user', 'session', 'provider', 'member', 'role', 'source'] as const;

export type ResourceKind = (typeof RESOURCE_KINDS)[number];

/** What may be asked of each of them. */
export const RESOURCE_VERBS = ['list', 'watch', 'history', 'remove'] as const;
