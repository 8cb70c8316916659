/** Orders certificates of ACME authorities: acme-client lives here. */
export { openAuthorities } from './own-authority.js';
export { keepOrders } from './orders.js';
export { proofShower, type ProofShowerOptions } from './proof-shower.js';
