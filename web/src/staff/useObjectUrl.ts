import { useEffect, useMemo } from "react";

/** An address for bytes that are here, as long as they are shown; empty without any. */
export function useObjectUrl(blob: Blob | undefined): string {
  const url = useMemo(() => (blob ? URL.createObjectURL(blob) : ""), [blob]);
  useEffect(() => () => URL.revokeObjectURL(url), [url]);
  return url;
}
