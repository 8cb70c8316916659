import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { storeContract } from '../testing/store-contract.js';
import { openStore } from './index.js';

storeContract('the store in memory', (world) => openStore(':memory:', world));
storeContract('the store in a file', (world) => openStore(join(mkdtempSync(join(tmpdir(), 'kontena-store-')), 'store.sqlite'), world));
