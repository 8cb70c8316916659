// Made by scripts/gen-stack-types.mjs of schemas/; do not edit.

/**
 * A volume that services mount by its name: a YAML document of its own, beside stack files.
 */
export interface VolumeFile {
/**
 * What it is.
 */
kind: "Volume"
/**
 * Name of the volume: letters, digits, `-` and `_`; at most 63.
 */
name: string
/**
 * Whose the data is: each instance's own, one for a stack, or one for the grid.
 */
scope: ("instance" | "stack" | "grid")
/**
 * Volume driver of the nodes' engines, without a version. Only nodes that have it run what mounts the volume.
 */
driver?: string
/**
 * Options of the driver.
 */
driver_opts?: {
[k: string]: string | number | boolean
}
}
