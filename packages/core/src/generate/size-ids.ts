// What SDXL is told of a picture's size (Podell et al. 2023, section 2.2).

/** Original height and width, crop top and left, target height and width. */
export type SizeIds = readonly [number, number, number, number, number, number];
