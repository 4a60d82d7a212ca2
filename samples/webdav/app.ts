import { type AppOptions, accessLog } from 'luminaire';
import { Activity } from './activity.js';
import { CollectionsController } from './collections.controller.js';
import { CopyMoveController } from './copy-move.controller.js';
import { replyToDavError } from './dav-error.js';
import { FilesController } from './files.controller.js';
import { LocksController } from './locks.controller.js';
import { OptionsController } from './options.controller.js';
import { PageController } from './page.controller.js';
import { MOUNT } from './path.js';
import { PropertiesController } from './properties.controller.js';
import { RootController } from './root.controller.js';
import { Store } from './store.js';
import { storeFromEnv } from './store-from-env.js';

/** One hour: a large file over a slow line takes longer than the 60 s that suit other requests. */
const UPLOAD_MS = 3_600_000;

export const options: AppOptions = {
  controllers: [
    OptionsController,
    RootController,
    FilesController,
    CollectionsController,
    CopyMoveController,
    PropertiesController,
    LocksController,
    PageController,
  ],
  use: [accessLog(), Activity],
  providers: [{ token: Store, factory: storeFromEnv }],
  onError: replyToDavError,
  requestTimeout: UPLOAD_MS,
};

/** Said when the sample has started at `url`. */
export function describe(url: string): string {
  const { description } = storeFromEnv();
  return `Mount ${url}${MOUNT}/ as ada, password lovelace. All is kept in ${description}. ${url}/ shows what is going on.`;
}
