import { containerName } from '../model/index.js';

/** The folder of a balancer, as its container sees it: HAProxy runs there, and names all files from there. */
export const FOLDER = '/etc/kontena';
export const CONFIGURATION = 'haproxy.cfg';
/** The running process, and the one above it that starts others. */
export const WORKER_SOCKET = 'worker.sock';
export const MASTER_SOCKET = 'master.sock';

/** `todo/web` → `todo.web`: a name for HAProxy from which the service follows. */
export const backendName = (service: string): string => service.replace('/', '.');
export const serviceOfBackend = (backend: string): string => backend.replace('.', '/');

/** A server is called as its container. */
export const serverName = (instance: string): string => containerName(instance);

/** `todo.web-2.57` → `todo/web.2@57`. */
export const instanceOfServer = (server: string): string => server.replace(/^([^.]+)\.(.+)-(\d+)\.(\d+)$/, '$1/$2.$3@$4');
