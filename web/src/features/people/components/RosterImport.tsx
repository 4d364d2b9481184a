import {
  Alert,
  Button,
  Card,
  FileInput,
  Group,
  List,
  Loader,
  Progress,
  Stack,
  Stepper,
  Table,
  Text,
  Title,
} from '@mantine/core';
import { skipToken } from '@reduxjs/toolkit/query';
import { IconFileZip } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link, useSearchParams } from 'react-router';
import { send } from '@/shared/api/client';
import { Failure } from '@/shared/components/Failure';
import { Page } from '@/shared/components/Page';
import { decimal } from '@/shared/format';
import { useAction } from '@/shared/hooks/useAction';
import { useRosterQuery, type Roster, type RosterOf } from '../api';

const ASK_EVERY_MS = 1000;
const PARTS: RosterOf[] = ['auth', 'classroom'];
type Ids = Record<RosterOf, string>;

/** `student-enrolled` → `Student enrolled` */
const inWords = (kind: string) => kind.charAt(0).toUpperCase() + kind.slice(1).replaceAll('-', ' ');

/** Both jobs, as the address names them: `auth.classroom`. */
function idsOf(named: string | null): Ids | null {
  const [auth, classroom] = named?.split('.') ?? [];
  return auth && classroom ? { auth, classroom } : null;
}

/** Whether both services are through with it, without a problem. */
function useDone(ids: Ids | null): boolean {
  const people = useRosterQuery(ids ? { of: 'auth', id: ids.auth } : skipToken).data;
  const rooms = useRosterQuery(ids ? { of: 'classroom', id: ids.classroom } : skipToken).data;
  return people?.status === 'done' && rooms?.status === 'done';
}

const finished = (roster?: Roster) => roster?.status === 'done' || roster?.status === 'failed';

async function upload(of: RosterOf, file: File, dry: boolean): Promise<string> {
  const body = new FormData();
  body.append('package', file);
  const address = new URL(`/api/${of}/rosters${dry ? '?dry_run=true' : ''}`, window.location.origin);
  const response = await send(
    new Request(address, { method: 'POST', body, headers: { 'Idempotency-Key': crypto.randomUUID() } }),
  );
  return ((await response.json()) as { id: string }).id;
}

async function uploadAll(file: File, dry: boolean): Promise<Ids> {
  return { auth: await upload('auth', file, dry), classroom: await upload('classroom', file, dry) };
}

/**
 * A whole school out of a OneRoster package: first a rehearsal that changes nothing, then the import. The address names
 * what runs, so that it is found again; the package stays in this page alone.
 */
export function RosterImport() {
  const { t } = useTranslation('people');
  const [file, setFile] = useState<File | null>(null);
  const [place, setPlace] = useSearchParams();
  const rehearsal = idsOf(place.get('rehearsal'));
  const real = idsOf(place.get('import'));
  const { run, busy, problem } = useAction({ quiet: true });
  const rehearsed = useDone(rehearsal);
  const imported = useDone(real);
  const start = (dry: boolean) =>
    file &&
    void run(async () => {
      const { auth, classroom } = await uploadAll(file, dry);
      setPlace({ [dry ? 'rehearsal' : 'import']: `${auth}.${classroom}` }, { replace: true });
    });
  const choose = (next: File | null) => {
    setFile(next);
    setPlace({}, { replace: true });
  };
  return (
    <Page title={t('import')} subtitle={t('importText')} trail={[[t('title'), '/people']]} narrow>
      <Stepper
        active={imported ? 3 : real ? 2 : rehearsal ? 1 : 0}
        size="sm"
        iconSize={30}
        wrap={false}
        allowNextStepsSelect={false}
      >
        <Stepper.Step label={t('step.choose')} />
        <Stepper.Step label={t('step.rehearse')} />
        <Stepper.Step label={t('step.import')} />
      </Stepper>
      <Card>
        <Stack>
          <FileInput
            label={t('package')}
            description={t('packageHint')}
            placeholder={t('choosePackage')}
            accept=".zip,application/zip"
            leftSection={<IconFileZip size={18} aria-hidden />}
            value={file}
            onChange={choose}
            clearable
            clearButtonProps={{ 'aria-label': t('removePackage') }}
          />
          {rehearsed && !file && !real && <Text size="sm">{t('packageAgain')}</Text>}
          <Failure problem={problem} />
          <Group>
            {!real && (
              <Button
                disabled={!file}
                loading={busy}
                variant={rehearsal ? 'default' : 'filled'}
                onClick={() => start(true)}
              >
                {t('rehearse')}
              </Button>
            )}
            {rehearsed && !real && (
              <Button disabled={!file || busy} onClick={() => start(false)}>
                {t('importNow')}
              </Button>
            )}
            {imported && (
              <Button component={Link} to="/people">
                {t('toPeople')}
              </Button>
            )}
          </Group>
        </Stack>
      </Card>
      {PARTS.map(
        (of) => (real ?? rehearsal) && <Job key={`${of}${real ? '' : '-dry'}`} of={of} id={(real ?? rehearsal)![of]} />,
      )}
    </Page>
  );
}

function Job({ of, id }: { of: RosterOf; id: string }) {
  const { t } = useTranslation('people');
  const [over, setOver] = useState(false);
  const { data: roster, error } = useRosterQuery({ of, id }, { pollingInterval: over ? 0 : ASK_EVERY_MS });
  if (!over && finished(roster)) setOver(true);
  const parts = Object.values(roster?.progress ?? {}) as { done: number; total: number }[];
  const [done, total] = [parts.reduce((sum, one) => sum + one.done, 0), parts.reduce((sum, one) => sum + one.total, 0)];
  return (
    <Card>
      <Stack gap="sm">
        <Title order={2}>{t(`part.${of}`)}</Title>
        <Failure problem={error as never} />
        {roster && (
          <Text role="status" size="sm" c="dimmed">
            {total === 0 && !finished(roster) && <Loader size={14} mr="xs" aria-hidden />}
            {t(`job.${roster.dry_run && roster.status === 'done' ? 'rehearsed' : roster.status}`)}
            {total > 0 && !finished(roster) && ` · ${t('doneOf', { done: decimal(done), total: decimal(total) })}`}
          </Text>
        )}
        {total > 0 && !finished(roster) && (
          <Progress value={(100 * done) / total} animated striped size="lg" aria-label={t('progress')} />
        )}
        {roster && finished(roster) && <Report roster={roster} />}
      </Stack>
    </Card>
  );
}

function Report({ roster }: { roster: Roster }) {
  const { t } = useTranslation('people');
  const changes = Object.entries(roster.changes) as [string, { count: number; first?: string[] }][];
  return (
    <Stack>
      {roster.problem_count > 0 && (
        <Alert color="red" title={t('problems', { count: roster.problem_count })}>
          <List size="sm">
            {roster.problems.map((one, index) => (
              <List.Item key={index}>
                {[one.file, one.line, one.field].filter(Boolean).join(':')} – {one.message}
              </List.Item>
            ))}
          </List>
        </Alert>
      )}
      {changes.length === 0 ? (
        <Text size="sm">{t(roster.dry_run ? 'noChanges' : 'unchanged')}</Text>
      ) : (
        <Table>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>{t('change')}</Table.Th>
              <Table.Th ta="right">{t('count')}</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {changes.map(([kind, { count, first }]) => (
              <Table.Tr key={kind}>
                <Table.Td>
                  {inWords(kind)}
                  <Text size="xs" c="dimmed" lineClamp={1}>
                    {first?.join(', ')}
                  </Text>
                </Table.Td>
                <Table.Td ta="right">{decimal(count)}</Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      )}
    </Stack>
  );
}
