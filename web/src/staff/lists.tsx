/** Lists that come page by page, and what they are shown in. */

import { type InfiniteData, type QueryKey, useInfiniteQuery, type UseInfiniteQueryOptions } from "@tanstack/react-query";
import type { ReactNode, Ref } from "react";

import { Button } from "../ui/parts";
import { useTexts } from "./texts";

interface Paged {
  next_cursor: string | null;
}

type PagedOptions<Page> = Pick<
  UseInfiniteQueryOptions<Page, Error, InfiniteData<Page, string | null>, QueryKey, string | null>,
  "refetchInterval" | "refetchOnWindowFocus" | "gcTime" | "placeholderData"
>;

/** A list of which the API gives a page and the cursor of the next. */
export function usePaged<Page extends Paged>(queryKey: QueryKey, read: (cursor: string | null) => Promise<Page>, options: PagedOptions<Page> = {}) {
  return useInfiniteQuery({
    queryKey,
    queryFn: ({ pageParam }) => read(pageParam),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next_cursor,
    ...options,
  });
}

interface More {
  hasNextPage: boolean;
  isFetchingNextPage: boolean;
  fetchNextPage: () => Promise<unknown>;
}

/** Asks for the next page, where there is one. */
export function MoreButton({ pages, children }: { pages: More; children?: ReactNode }) {
  const { t } = useTexts();
  return pages.hasNextPage ? (
    <div>
      <Button look="quiet" isPending={pages.isFetchingNextPage} onPress={() => void pages.fetchNextPage()}>
        {children ?? t("app.more")}
      </Button>
    </div>
  ) : null;
}

/** What a wide table is pushed in to the side, by keyboard too. */
export function TablePane({ label, children, ref }: { label: string; children: ReactNode; ref?: Ref<HTMLDivElement> }) {
  return (
    <div ref={ref} className="table-wrap" tabIndex={0} role="region" aria-label={label}>
      {children}
    </div>
  );
}

/** A button that asks for a file; the same file may be chosen again. */
export function FileButton({ accept, onFile, children }: { accept: string; onFile: (file: File) => void; children: ReactNode }) {
  return (
    <label className="button quiet">
      {children}
      <input
        className="visually-hidden"
        type="file"
        accept={accept}
        onChange={(event) => {
          const file = event.target.files?.[0];
          if (file) onFile(file);
          event.target.value = "";
        }}
      />
    </label>
  );
}
