export { RegistryKeeper } from './registry-keeper.js';
