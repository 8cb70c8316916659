/** A module of its own, so that a bundle can leave the library out until YAML is wanted. */
export { parse, stringify, YAMLParseError } from 'yaml';
