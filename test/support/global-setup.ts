import { beginRun } from './run';

export default function globalSetup(): void {
  beginRun();
}
