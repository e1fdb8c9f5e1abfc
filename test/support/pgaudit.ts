import { chmod, cp, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { packageFolder } from '../../local/emulator/postgres/binaries';

/**
 * A stand-in for pgaudit, because the PostgreSQL package lacks it. It needs a superuser, creates the extension's objects,
 * and fails as the extension does until the server has loaded its library. A setting represents the library.
 */
const STAND_IN = String.raw`
DO $$
BEGIN
  IF pg_catalog.current_setting('standin.loaded', true) IS DISTINCT FROM 'yes' THEN
    RAISE EXCEPTION 'pgaudit must be loaded via shared_preload_libraries' USING ERRCODE = '55000';
  END IF;
END
$$;
CREATE FUNCTION pgaudit_ddl_command_end() RETURNS event_trigger LANGUAGE plpgsql SECURITY DEFINER
  SET search_path = 'pg_catalog, pg_temp' AS $$ BEGIN END $$;
CREATE EVENT TRIGGER pgaudit_ddl_command_end ON ddl_command_end EXECUTE FUNCTION pgaudit_ddl_command_end();
`;

/** In Aurora `rds_superuser` may create it; in PostgreSQL only a trusted one is created by others than superusers. */
const control = (trusted: boolean): string =>
  `default_version = '17.1'\nrelocatable = true\ntrusted = ${String(trusted)}\n`;

/** Returns a copy of PostgreSQL's programs with the extension. */
export class AuditablePrograms {
  private constructor(readonly dir: string) {}

  static async standIn(): Promise<AuditablePrograms> {
    const programs = await AuditablePrograms.copy();
    await programs.trust(true);
    await programs.write('pgaudit--17.1.sql', STAND_IN);
    return programs;
  }

  /** @param folder has `pgaudit.so` and the extension's own files, made for this major version */
  static async real(folder: string): Promise<AuditablePrograms> {
    const programs = await AuditablePrograms.copy();
    await cp(join(folder, 'pgaudit.so'), join(programs.dir, 'lib', 'postgresql', 'pgaudit.so'));
    for (const file of await readdir(folder)) {
      if (file.endsWith('.sql')) await cp(join(folder, file), join(programs.extensions, file));
    }
    await programs.write('pgaudit.control', `${control(true)}module_pathname = '$libdir/pgaudit'\n`);
    return programs;
  }

  private static async copy(): Promise<AuditablePrograms> {
    const dir = await mkdtemp(join(tmpdir(), 'share-vault-programs-'));
    await chmod(dir, 0o755);
    await cp(packageFolder(), dir, { recursive: true, verbatimSymlinks: true });
    return new AuditablePrograms(dir);
  }

  /** Sets whether users other than superusers may create the stand-in, from the next statement on. */
  trust(trusted: boolean): Promise<void> {
    return this.write('pgaudit.control', control(trusted));
  }

  remove(): Promise<void> {
    return rm(this.dir, { recursive: true, force: true });
  }

  private get extensions(): string {
    return join(this.dir, 'share', 'postgresql', 'extension');
  }

  private write(name: string, text: string): Promise<void> {
    return writeFile(join(this.extensions, name), text, { mode: 0o644 });
  }
}
