import type { Host } from './host.js';
export function watchStacks(_host: Host, _o: object): Promise<number> { return Promise.reject(new Error('soon')); }
