// The table of gradients: one entry an op. A new op of the graph is a compile error here until it has a rule.
import { attentionRule } from "./attention-rule.js";
import { binaryRules } from "./binary-rules.js";
import { elementwiseRules } from "./elementwise-rules.js";
import { normRules } from "./norm-rules.js";
import { productRules } from "./product-rules.js";
import type { GradientRules } from "./rule.js";
import { shapeRules } from "./shape-rules.js";

export const gradientRules: GradientRules = {
  ...elementwiseRules,
  ...binaryRules,
  ...shapeRules,
  ...productRules,
  ...normRules,
  Attention: attentionRule,
};
