import { describe, expect, test } from '@jest/globals';
import type { Service } from '../gen/stack-file.js';
import { serviceSpec } from './spec.js';
import { writtenService } from './written.js';

const around = { stack: 'todo', volumes: new Map<string, string>() };

/** Everything a stack file can say of a service, none of it by default. */
const EVERYTHING: Service = {
  image: 'web:1', command: 'bin/web --port 8080', entrypoint: ['/bin/sh', '-c', 'exec "$@"'], instances: 3, stateful: true, ports: ['80:8080', '127.0.0.1:53:53/udp', '[::1]:81:81'],
  environment: ['A=1', 'B='], secrets: [{ secret: 'pw', name: 'PW', type: 'env' }], certificates: [{ subject: 'example.com', name: 'SSL', type: 'env' }], links: ['db', 'system/lb:front', 'cache:redis'],
  volumes: ['data:/data', '/etc:/host:ro,z', '/scratch'], volumes_from: ['db-%s', 'other/db-1'], tmpfs: ['/run'], affinity: ['label==ssd'],
  deploy: { strategy: 'daemon', min_health: 0.5, wait_for_port: 80, wait_for_port_timeout: '2min', interval: '1d', grace: '90s', order: 'start-first', on_failure: 'revert', settle: 0, resources: { reservations: { cpus: 0.25 } } },
  health_check: { protocol: 'http', port: 80, uri: '/health', timeout: 5, interval: 20, initial_delay: 0, retries: 5, successes: 2, restart: false },
  hooks: { pre_start: [{ name: 'migrate', cmd: 'rake', instances: '1,2', oneshot: true, timeout: '1h' }], post_start: [{ name: 'warm', cmd: ['a', 'b c'], instances: '*' }], pre_stop: [{ name: 'drain', cmd: 'x', instances: 1 }] },
  network_mode: 'container:db-%s', hostname: 'h', extra_hosts: ['a:10.0.0.1'], dns: ['8.8.8.8'], user: '1:1', working_dir: '/w', init: true, labels: { team: 'blue' }, privileged: true, read_only: true, pid: 'host',
  cap_add: ['A'], cap_drop: ['B'], security_opt: ['c'], group_add: ['5'], devices: ['/dev/fuse'], sysctls: { a: '1' }, ulimits: { nofile: 5, nproc: { soft: 1, hard: 2 } },
  mem_limit: '64m', memswap_limit: -1, mem_reservation: '1500', shm_size: '1g', cpus: 0.5, cpu_shares: 512, runtime: 'runsc', gpus: 'all', logging: { driver: 'json-file', options: { 'max-size': '1m' } },
  stop_signal: 'SIGINT', stop_grace_period: '1m30s',
};

describe('a service in the words of the stack file', () => {
  test('says everything that was said, and means the same when it is read again', () => {
    const spec = serviceSpec(EVERYTHING, around);
    const said = writtenService(spec, 'todo');
    expect(Object.keys(said).sort()).toEqual(Object.keys(EVERYTHING).sort());
    expect(serviceSpec(said as unknown as Service, around)).toEqual(spec);
  });

  test('says nothing of what is so by default', () => {
    expect(writtenService(serviceSpec({ image: 'web:1' }, around), 'todo')).toEqual({ image: 'web:1' });
  });

  test.each<[Partial<Service>, object]>([
    [{ deploy: { min_health: 0.5, strategy: 'ha' } }, { deploy: { min_health: 0.5 } }],
    [{ health_check: { protocol: 'tcp', port: 80, retries: 3 } }, { health_check: { protocol: 'tcp', port: 80 } }],
    [{ health_check: { protocol: 'engine' } }, { health_check: { protocol: 'engine' } }],
    [{ hooks: { pre_start: [{ name: 'a', cmd: 'b', instances: 1 }] } }, { hooks: { pre_start: [{ name: 'a', cmd: 'b', instances: '1' }] } }],
    [{ command: ['sh', '-c', 'a b'] }, { command: ['sh', '-c', 'a b'] }],
    [{ command: ['bin/web', '--all'] }, { command: 'bin/web --all' }],
    [{ instances: 1, stateful: false, stop_grace_period: '10s', environment: [] }, {}],
    [{ balancer: { port: 8080, host: 'Shop.example.com', path: ['/'], keep_path: true, hsts: true, cookie: true, basic_auth: 'users', timeouts: { server: '2min' }, drain_time: '10s' } }, {
      balancer: {
        port: 8080, host: ['shop.example.com'], path: ['/'], keep_path: true, hsts: { max_age: '31536000s', include_subdomains: false, preload: false },
        cookie: { name: 'KONTENA_SERVERID', mode: 'insert', options: ['indirect', 'nocache'] }, basic_auth: 'users', timeouts: { server: '120s' },
      },
    }],
    [{ role: 'load-balancer', load_balancer: { http_port: 8000, stats: { port: 1000, password: 'stats' }, timeouts: { keep_alive: 5 }, log: 'json' } }, {
      role: 'load-balancer', load_balancer: { http_port: 8000, stats: { password: 'stats' }, timeouts: { keep_alive: '5s' }, log: 'json' },
    }],
    [{ deploy: { settle: '90s', grace: '10min' } }, { deploy: { settle: 90, grace: '10min' } }],
  ])('%j', (said, expected) => {
    expect(writtenService(serviceSpec({ image: 'web:1', ...said }, around), 'todo')).toEqual({ image: 'web:1', ...expected });
    expect(serviceSpec({ image: 'web:1', ...expected }, around)).toEqual(serviceSpec({ image: 'web:1', ...said }, around));
  });
});
