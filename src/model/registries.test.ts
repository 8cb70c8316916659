import { expect, test } from '@jest/globals';
import { hostOf, isRegistryHost, registryOf } from './registries.js';

test.each([
  ['redis', 'docker.io'], ['redis:7', 'docker.io'], ['library/redis', 'docker.io'], ['docker.io/library/redis', 'docker.io'], ['index.docker.io/a/b', 'docker.io'],
  ['registry.example.com/todo:1.4', 'registry.example.com'], ['registry:5000/todo', 'registry:5000'], ['localhost/todo', 'localhost'], ['10.0.0.5:5000/a/b@sha256:00', '10.0.0.5:5000'],
])('%s comes from %s', (image, registry) => {
  expect(registryOf(image)).toBe(registry);
});

test.each([['https://index.docker.io/v2/', 'docker.io'], ['HTTPS://Registry.example.com:5000/v2/', 'registry.example.com:5000'], ['ghcr.io', 'ghcr.io']])('%s is written for %s', (typed, host) => {
  expect(hostOf(typed)).toBe(host);
  expect(isRegistryHost(host)).toBe(true);
});

test.each(['', 'a b', '-a', 'host:port', 'a:123456', 'me@host', '.'])('"%s" is no registry', (text) => {
  expect(isRegistryHost(text)).toBe(false);
});
