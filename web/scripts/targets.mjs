// The oldest browsers whose CSS need not be rewritten: the first with `light-dark()`. For older ones the build
// would replace it by variables that only hold where a page sets `color-scheme` in the same stylesheet.
export const CSS_TARGETS = ["chrome123", "firefox120", "safari17.5"];
