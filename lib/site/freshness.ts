export const IMMUTABLE = "public, max-age=31536000, immutable";
export const NO_STORE = "no-store";
export function cacheControl(_path: string): string {
  return "no-cache";
}
