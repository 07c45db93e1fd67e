import { createRootRoute } from '@tanstack/react-router';
import { type ConsoleSearch, readConsoleSearch } from './url-state.ts';

/** What all routes hang from. Its component, the frame, is set in router.tsx, so that features can import this file. */
export const rootRoute = createRootRoute({
  validateSearch: (raw: Record<string, unknown>): ConsoleSearch => readConsoleSearch(raw),
});
