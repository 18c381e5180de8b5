// Public names of @fewstep/tiny that run anywhere. Drawing pixels needs Node: import "@fewstep/tiny/illustrator".
export * from "./illustrator/pure.js";
