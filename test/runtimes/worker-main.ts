/** The application as a Worker. */

import { createApp } from 'luminaire';
import { worker } from 'luminaire/workers';
import { options } from './wire-app.js';

export default worker(() => createApp(options));
