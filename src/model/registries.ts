import type { RegistryLogin } from './assignment.js';

/** Where images come from that name no registry. */
export const DOCKER_HUB = 'docker.io';

/** The registry that an image is asked of: the first part of its name where that is a host, Docker's own otherwise. */
export function registryOf(image: string): string {
  const slash = image.indexOf('/');
  const first = slash < 0 ? '' : image.slice(0, slash);
  return first === 'localhost' || /[.:]/.test(first) ? hostOf(first) : DOCKER_HUB;
}

/** `registry.example.com:5000` of whatever people write: an address with its scheme and path too. Docker's own has two names. */
export function hostOf(typed: string): string {
  const host = typed.replace(/^[a-z]+:\/\//i, '').replace(/\/.*$/, '').toLowerCase();
  return host === 'index.docker.io' || host === 'registry-1.docker.io' ? DOCKER_HUB : host;
}

/** A name with or without a port, or an address. */
export const isRegistryHost = (text: string): boolean => /^([a-z0-9]([a-z0-9.-]*[a-z0-9])?|\[[0-9a-f:]+\])(:\d{1,5})?$/.test(text) && text.length <= 253;

/** A login as the vault keeps it. */
export const loginText = ({ user, password }: RegistryLogin): string => JSON.stringify({ user, password });

export const parseLogin = (text: string): RegistryLogin => JSON.parse(text) as RegistryLogin;
