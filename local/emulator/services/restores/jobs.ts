import * as v from 'valibot';
import { AwsError } from '../errors';
import { readInput } from '../shape';

/** A restore job of a restore test. */
export interface RestoreJob {
  readonly id: string;
  readonly planArn: string;
  readonly clusterArn: string;
  readonly startedAt: Date;
  readonly completedAt: Date;
  readonly recoveryPointAt: Date;
  validation: Validation | undefined;
  /** whether the restored cluster could be deleted; undefined before the validation */
  deletion: 'SUCCESSFUL' | 'FAILED' | undefined;
}

export interface Validation {
  readonly status: string;
  readonly message: string | undefined;
}

const DESCRIBE = v.strictObject({ RestoreJobId: v.string() });
const PUT = v.strictObject({
  RestoreJobId: v.string(),
  ValidationStatus: v.picklist(['FAILED', 'SUCCESSFUL', 'TIMED_OUT', 'VALIDATING']),
  ValidationStatusMessage: v.optional(v.string()),
});

/** Emulates AWS Backup for restore jobs, by Step Functions' names of its members. */
export class RestoreJobs {
  readonly #jobs = new Map<string, RestoreJob>();
  readonly #onValidated: (job: RestoreJob) => Promise<void>;

  /** @param onValidated deletes what the job restored */
  constructor(onValidated: (job: RestoreJob) => Promise<void>) {
    this.#onValidated = onValidated;
  }

  add(job: RestoreJob): void {
    this.#jobs.set(job.id, job);
  }

  find(id: string): RestoreJob {
    const job = this.#jobs.get(id);
    if (job === undefined) throw new AwsError('ResourceNotFoundException', `no restore job ${id}`);
    return job;
  }

  async call(operation: string, input: unknown): Promise<object | null> {
    switch (operation) {
      case 'DescribeRestoreJob':
        return describe(this.find(readInput(DESCRIBE, input).RestoreJobId));
      case 'PutRestoreValidationResult':
        return this.#validate(readInput(PUT, input));
      default:
        throw new AwsError('BackupException', `no operation ${operation}`);
    }
  }

  async #validate(result: v.InferOutput<typeof PUT>): Promise<null> {
    const job = this.find(result.RestoreJobId);
    job.validation = { status: result.ValidationStatus, message: result.ValidationStatusMessage };
    await this.#onValidated(job);
    return null;
  }
}

function describe(job: RestoreJob): object {
  return {
    ...{ RestoreJobId: job.id, Status: 'COMPLETED', PercentDone: '100.00%', ResourceType: 'Aurora' },
    ...{ CreatedResourceArn: job.clusterArn, CreatedBy: { RestoreTestingPlanArn: job.planArn } },
    CreationDate: job.startedAt.toISOString(),
    CompletionDate: job.completedAt.toISOString(),
    RecoveryPointCreationDate: job.recoveryPointAt.toISOString(),
    ...(job.validation && {
      ...{ ValidationStatus: job.validation.status, ValidationStatusMessage: job.validation.message },
      DeletionStatus: job.deletion,
    }),
  };
}
