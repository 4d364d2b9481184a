import { Button, Card, MultiSelect, NumberInput, Stack, Title } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useTranslation } from 'react-i18next';
import type { FileSchemas } from '@/shared/api/schemas';
import { Failure } from '@/shared/components/Failure';
import { Resource } from '@/shared/components/Resource';
import { useAction } from '@/shared/hooks/useAction';
import { useChangeRulesMutation, useRulesQuery } from '../api';

const MIB = 1024 ** 2;
const GIB = 1024 ** 3;

/** What a school lets people upload. */
export function FileRules() {
  const { t } = useTranslation('uploads');
  const query = useRulesQuery();
  return (
    <Card>
      <Title order={2} mb="sm">
        {t('rules')}
      </Title>
      <Resource query={query}>
        {({ limits, edition }) => <Form key={edition} limits={limits} edition={edition} />}
      </Resource>
    </Card>
  );
}

function Form({ limits, edition }: { limits: FileSchemas['Limits']; edition: string }) {
  const { t } = useTranslation('uploads');
  const names = t('kindNames', { returnObjects: true }) as Record<string, string>;
  const [change] = useChangeRulesMutation();
  const { run, busy, problem } = useAction({ quiet: true });
  const form = useForm({
    initialValues: { mib: limits.max_bytes / MIB, gib: limits.account_quota_bytes / GIB, types: limits.types },
  });
  const submit = form.onSubmit(({ mib, gib, types }) => {
    // What nobody touched stays as the installation has it.
    const chosen = { ...limits.chosen };
    if (form.isDirty('mib')) chosen.max_bytes = Math.round(mib * MIB);
    if (form.isDirty('gib')) chosen.account_quota_bytes = Math.round(gib * GIB);
    if (form.isDirty('types')) chosen.types = types;
    void run(() => change({ chosen, edition }).unwrap(), t('saved', { ns: 'common' }));
  });
  return (
    <form onSubmit={submit}>
      <Stack>
        <NumberInput label={t('largest')} min={1} required {...form.getInputProps('mib')} />
        <NumberInput label={t('room')} min={0} required {...form.getInputProps('gib')} />
        <MultiSelect
          label={t('kinds')}
          data={limits.possible_types.map((type) => ({ value: type, label: names[type] ?? type }))}
          searchable
          required
          {...form.getInputProps('types')}
        />
        <Failure problem={problem} />
        <Button type="submit" loading={busy} disabled={!form.isDirty()} w="fit-content">
          {t('save', { ns: 'common' })}
        </Button>
      </Stack>
    </form>
  );
}
