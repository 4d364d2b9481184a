/** Cursor pages as RTK Query's infinite queries want them. */
const PAGE = 100;

export const pages = {
  initialPageParam: null as string | null,
  getNextPageParam: (last: { next_cursor?: string | null }) => last.next_cursor ?? undefined,
};

export const paged = (cursor: string | null) => ({ limit: PAGE, ...(cursor && { cursor }) });
