import type { z } from 'zod'
import { libraryRoutes } from './library-routes.js'
import { personalRoutes } from './personal-routes.js'
import { roomRoutes } from './room-routes.js'
import type { Route } from './route.js'
import { tableRoutes } from './table-routes.js'

/** Every route of the HTTP interface, by name. */
export const routes = {
  ...personalRoutes,
  ...roomRoutes,
  ...tableRoutes,
  ...libraryRoutes,
} as const satisfies Record<string, Route>

export type RouteName = keyof typeof routes
export type RouteParams<N extends RouteName> = z.output<(typeof routes)[N]['params']>
export type RouteQuery<N extends RouteName> = z.output<(typeof routes)[N]['query']>
export type RouteBody<N extends RouteName> = z.output<(typeof routes)[N]['body']>
export type RouteResponse<N extends RouteName> = z.output<(typeof routes)[N]['response']>
/** What a client passes: the members of params, query and body in one object; those with a default may be left out. */
export type RouteInput<N extends RouteName> = z.input<(typeof routes)[N]['params']> &
  z.input<(typeof routes)[N]['query']> &
  z.input<(typeof routes)[N]['body']>
