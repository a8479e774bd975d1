/** The part that is loaded late. Change this text, build and deploy. */
export function tides() {
  return "High tide at 06:12, says the first build";
}
