/** How services find each other, as long as their names resolve nowhere. */
export const NO_NAMES = 'names of services do not resolve inside containers yet: publish a port as "NODE:CONTAINER", and reach it at the address of the node';

/** What to do about keys of docker-compose that a service of a stack file does not have. */
export const COMPOSE_ADVICE: ReadonlyMap<string, string> = new Map([
  ['restart', 'leave it out: a container that ends is always started again'],
  ['container_name', 'leave it out: containers are named after stack, service and instance'],
  ['networks', 'write networks: [NAME] at the top of the file: all services of a stack are on its networks'],
  ['expose', `leave it out: ${NO_NAMES}`],
  ['configs', 'put the file into the image, or use secrets'],
  ['profiles', 'use only_if with a variable'],
  ['log_driver', 'write logging: {driver: NAME}'],
  ['log_opt', 'write logging: {driver: NAME, options: {…}}'],
]);
