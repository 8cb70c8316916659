import type { Balancer, LoadBalancer, Service } from '../gen/stack-file.js';
import { assignmentList, assignmentOf } from '../service/units.js';

/** The older way to say something: a variable of the environment, and which key says the same. */
interface Variable {
  readonly key: string;
  /** Its text as a value of that key, right or wrong; undefined: it says nothing. */
  readonly read: (text: string) => unknown;
}

const number = (text: string): unknown => (/^\d+$/.test(text.trim()) ? Number(text) : text);
const text = (value: string): string => value.trim();
const lines = (value: string): readonly string[] => value.split('\n').map((line) => line.trim()).filter((line) => line !== '');
const whole = (value: string): string | undefined => (value.trim() === '' ? undefined : value);

function list(value: string): readonly string[] | undefined {
  const items = value.split(',').map((item) => item.trim()).filter((item) => item !== '');
  return items.length === 0 ? undefined : items;
}

/** HAProxy's own line, with or without its first word; an empty one asks for a cookie of the balancer. */
function cookie(line: string): unknown {
  const words = line.trim().split(/\s+/);
  const [name = '', ...rest] = words[0] === 'cookie' ? words.slice(1) : words;
  if (name === '') return true;
  const isMode = (word: string): boolean => ['insert', 'prefix', 'rewrite'].includes(word);
  const options = rest.filter((word) => !isMode(word)).join(' ').match(/(domain|maxidle|maxlife|attr) \S+|\S+/g) ?? [];
  return { name, mode: rest.find(isMode) ?? 'insert', options };
}

/** Of a service that is balanced. */
const OF_ROUTE: Readonly<Record<string, Variable>> = {
  KONTENA_LB_MODE: { key: 'mode', read: (value) => (text(value) === 'http' ? 'http' : 'tcp') },
  KONTENA_LB_INTERNAL_PORT: { key: 'port', read: number },
  KONTENA_LB_EXTERNAL_PORT: { key: 'external_port', read: number },
  KONTENA_LB_BALANCE: { key: 'balance', read: text },
  KONTENA_LB_VIRTUAL_HOSTS: { key: 'host', read: list },
  KONTENA_LB_VIRTUAL_PATH: { key: 'path', read: list },
  KONTENA_LB_KEEP_VIRTUAL_PATH: { key: 'keep_path', read: (value) => text(value) === 'true' },
  KONTENA_LB_COOKIE: { key: 'cookie', read: cookie },
  KONTENA_LB_BASIC_AUTH_SECRETS: { key: 'basic_auth', read: (value) => (whole(value) === undefined ? undefined : { users: value }) },
  KONTENA_LB_CUSTOM_SETTINGS: { key: 'custom_settings', read: lines },
};

/** Of a balancer. */
const OF_BALANCER: Readonly<Record<string, Variable>> = {
  KONTENA_LB_HEALTH_URI: { key: 'health_uri', read: whole },
  KONTENA_LB_SSL_CIPHERS: { key: 'ciphers', read: whole },
  KONTENA_LB_CUSTOM_SETTINGS: { key: 'custom_settings', read: lines },
  KONTENA_LB_GLOBAL_SETTINGS: { key: 'global_settings', read: lines },
  KONTENA_LB_ACCEPT_PROXY: { key: 'accept_proxy', read: () => true },
  KONTENA_LB_HTTP2: { key: 'http2', read: (value) => text(value) !== 'false' },
  SYSLOG_TARGET: { key: 'syslog', read: whole },
};

/** What the variables of a service say, by key, and which said it. */
export interface Said<Keys> {
  readonly keys: Partial<Keys>;
  readonly from: Readonly<Record<string, string>>;
}

export const routeVariables = (service: Service): Said<Balancer> => said(service, OF_ROUTE);
export const balancerVariables = (service: Service): Said<LoadBalancer> => said(service, OF_BALANCER);

/** Names of variables that look as if they were to say something of balancing, and are not known. */
export function unknownVariables(service: Service, isBalancer: boolean): readonly string[] {
  const known = knownVariables(isBalancer);
  return namesOf(service).filter((name) => name.startsWith('KONTENA_LB_') && !known.includes(name));
}

export const knownVariables = (isBalancer: boolean): readonly string[] => Object.keys(isBalancer ? OF_BALANCER : OF_ROUTE);

function said<Keys>(service: Service, known: Readonly<Record<string, Variable>>): Said<Keys> {
  const found = assignmentList(service.environment ?? []).map(assignmentOf).flatMap(([name, value]) => {
    const variable = Object.hasOwn(known, name) ? known[name] : undefined;
    const read = variable?.read(value);
    return variable === undefined || read === undefined ? [] : [{ name, key: variable.key, read }];
  });
  const opened = (service.secrets ?? []).flatMap(({ secret, name }) => (known === OF_ROUTE && name === 'KONTENA_LB_BASIC_AUTH_SECRETS' ? [{ name, key: 'basic_auth', read: secret }] : []));
  const all = [...found, ...opened];
  return {
    keys: Object.fromEntries(all.map(({ key, read }) => [key, read])) as Partial<Keys>,
    from: Object.fromEntries(all.map(({ key, name }) => [key, name])),
  };
}

const namesOf = ({ environment = [], secrets = [] }: Service): readonly string[] => [...assignmentList(environment).map((one) => assignmentOf(one)[0]), ...secrets.map(({ name }) => name)];
