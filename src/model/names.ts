/**
 * Names as they stand in records, messages and on the command line:
 * stack `todo`, service `todo/web`, its revision `todo/web@41`, slot `todo/web.2`, instance `todo/web.2@57`, container `todo.web-2.57`.
 */

/** Letters, digits, `-` and `_`; begins with a letter or digit; at most 63 characters. */
const PART = '[A-Za-z0-9][A-Za-z0-9_-]{0,62}';
const PART_ONLY = new RegExp(`^${PART}$`);
const SERVICE = new RegExp(`^(${PART})/(${PART})$`);
const SERVICE_REVISION = new RegExp(`^(${PART}/${PART})@(\\d+)$`);
const INSTANCE = new RegExp(`^(${PART})/(${PART})\\.(\\d+)@(\\d+)$`);

/** Whether `text` may name a grid, a stack, a service or a node. */
export const isName = (text: string): boolean => PART_ONLY.test(text);

export const serviceName = (stack: string, service: string): string => `${stack}/${service}`;
export const serviceRevisionName = (service: string, revision: number): string => `${service}@${String(revision)}`;
export const slotName = (service: string, slot: number): string => `${service}.${String(slot)}`;
export const instanceName = (service: string, slot: number, round: number): string => `${slotName(service, slot)}@${String(round)}`;

/** The parts of `todo/web`; undefined when it is not the name of a service. */
export function parseService(name: string): { readonly stack: string; readonly service: string } | undefined {
  const match = SERVICE.exec(name);
  return match === null ? undefined : { stack: match[1] as string, service: match[2] as string };
}

/** The parts of `todo/web@41`; undefined when it is not the name of a service's revision. */
export function parseServiceRevision(name: string): { readonly service: string; readonly revision: number } | undefined {
  const match = SERVICE_REVISION.exec(name);
  return match === null ? undefined : { service: match[1] as string, revision: Number(match[2]) };
}

/** `todo/web.2` of `todo/web.2@57`: what all rounds of a slot have in common. */
export const slotOf = (instance: string): string => instance.slice(0, instance.indexOf('@'));

/** 2 of the slot `todo/web.2`. */
export const slotNumber = (slot: string): number => Number(slot.slice(slot.lastIndexOf('.') + 1));

/** `todo/web` of it. */
export const serviceOfSlot = (slot: string): string => slot.slice(0, slot.lastIndexOf('.'));

export interface InstanceId {
  readonly stack: string;
  /** `todo/web`. */
  readonly service: string;
  readonly slot: number;
  readonly round: number;
}

/** The parts of `todo/web.2@57`; undefined when it is not the name of an instance. */
export function parseInstance(name: string): InstanceId | undefined {
  const match = INSTANCE.exec(name);
  if (match === null) return undefined;
  return { stack: match[1] as string, service: `${match[1] as string}/${match[2] as string}`, slot: Number(match[3]), round: Number(match[4]) };
}

/** `todo/web.2@57` → `todo.web-2.57`, which the engine accepts as a name. */
export function containerName(instance: string): string {
  const id = parseInstance(instance);
  if (id === undefined) throw new RangeError(`"${instance}" is not the name of an instance`);
  return `${id.service.replace('/', '.')}-${String(id.slot)}.${String(id.round)}`;
}
