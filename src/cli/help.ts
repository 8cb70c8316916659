/** A module of its own, so that a bundle can leave oclif's help out until help is wanted. */
export { Help } from '@oclif/core/help';
