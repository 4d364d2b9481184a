import {
  ActionIcon,
  Button,
  Card,
  Group,
  NumberInput,
  SegmentedControl,
  Select,
  Stack,
  Switch,
  Table,
  TextInput,
  Title,
} from '@mantine/core';
import type { UseFormReturnType } from '@mantine/form';
import { IconPlus, IconTrash } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { Topic } from '@/features/classrooms/store';
import stacked from '@/shared/components/Stacked.module.css';
import type { Policy } from '../api';
import { groupsOf, LETTERS } from '../policy';

const RULES = [
  ['drop_lowest', 'policy.dropLowest'],
  ['drop_highest', 'policy.dropHighest'],
] as const;

type Form = UseFormReturnType<Policy>;

/** What work is grouped by, what each group weighs, and how many works it leaves out. */
export function Weights({ form, topics }: { form: Form; topics: Topic[] }) {
  const { t } = useTranslation('gradebook');
  const titles = new Map(topics.map((topic) => [topic.id, topic.title]));
  const name = (key: string) => titles.get(key) ?? t(`policy.keys.${key}`);
  return (
    <Card>
      <Stack>
        <Title order={2}>{t('policy.weights')}</Title>
        <SegmentedControl
          aria-label={t('policy.weights')}
          value={form.values.weighting ?? 'none'}
          onChange={(weighting) =>
            form.setValues({
              weighting: weighting as Policy['weighting'],
              groups: groupsOf(
                weighting,
                topics.map((topic) => topic.id),
              ),
            })
          }
          data={(['none', 'topics', 'kinds'] as const).map((value) => ({ value, label: t(`policy.by.${value}`) }))}
        />
        <Table className={stacked.table}>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>{t('policy.group')}</Table.Th>
              <Table.Th>{t('policy.weight')}</Table.Th>
              <Table.Th>{t('policy.dropLowest')}</Table.Th>
              <Table.Th>{t('policy.dropHighest')}</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {form.values.groups?.map((group, index) => (
              <Table.Tr key={group.key}>
                <Table.Td>{name(group.key)}</Table.Td>
                <Table.Td data-label={t('policy.weight')}>
                  <Decimal
                    label={`${name(group.key)}, ${t('policy.weight')}`}
                    value={group.weight ?? '1'}
                    error={form.errors[`groups.${index}.weight`]}
                    onChange={(weight) => form.setFieldValue(`groups.${index}.weight`, weight)}
                  />
                </Table.Td>
                {RULES.map(([rule, label]) => (
                  <Table.Td key={rule} data-label={t(label)}>
                    <NumberInput
                      aria-label={`${name(group.key)}, ${t(label)}`}
                      min={0}
                      max={100}
                      allowDecimal={false}
                      maw={90}
                      value={group[rule] ?? 0}
                      onChange={(value) => form.setFieldValue(`groups.${index}.${rule}`, Number(value) || 0)}
                    />
                  </Table.Td>
                ))}
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
        <Select
          label={t('policy.combine')}
          maw={360}
          allowDeselect={false}
          data={(['percents', 'points'] as const).map((value) => ({ value, label: t(`policy.combines.${value}`) }))}
          {...form.getInputProps('combine')}
        />
      </Stack>
    </Card>
  );
}

interface DecimalProps {
  label: string;
  value: string;
  onChange: (value: string) => void;
  /** What the service says of it. */
  error?: ReactNode;
  visible?: boolean;
}

/** A decimal that stays a string on its way. */
function Decimal({ label, value, onChange, error, visible = false }: DecimalProps) {
  return (
    <TextInput
      {...(visible ? { label } : { 'aria-label': label })}
      inputMode="decimal"
      maw={visible ? undefined : 110}
      value={value}
      onChange={(event) => onChange(event.currentTarget.value.replace(',', '.'))}
      error={error ?? !/^\d+(\.\d+)?$/.test(value)}
    />
  );
}

/** What late and missing work costs. */
export function Lateness({ form }: { form: Form }) {
  const { t } = useTranslation('gradebook');
  const { late, missing } = form.values;
  return (
    <Card>
      <Stack>
        <Title order={2}>{t('policy.lateness')}</Title>
        <Switch
          label={t('policy.late')}
          checked={Boolean(late)}
          onChange={(event) =>
            form.setFieldValue(
              'late',
              event.currentTarget.checked ? { deduction: '10', interval: 'day', floor: '0' } : null,
            )
          }
        />
        {late && (
          <Group align="flex-end">
            <Decimal
              visible
              label={t('policy.deduction')}
              value={late.deduction}
              error={form.errors['late.deduction']}
              onChange={(deduction) => form.setFieldValue('late.deduction', deduction)}
            />
            <Select
              label={t('policy.interval')}
              allowDeselect={false}
              data={(['hour', 'day'] as const).map((value) => ({ value, label: t(`policy.intervals.${value}`) }))}
              {...form.getInputProps('late.interval')}
            />
            <Decimal
              visible
              label={t('policy.floor')}
              value={late.floor ?? '0'}
              error={form.errors['late.floor']}
              onChange={(floor) => form.setFieldValue('late.floor', floor)}
            />
          </Group>
        )}
        <Switch
          label={t('policy.missing')}
          checked={missing !== null && missing !== undefined}
          onChange={(event) => form.setFieldValue('missing', event.currentTarget.checked ? '0' : null)}
        />
        {missing !== null && missing !== undefined && (
          <Group>
            <Decimal
              visible
              label={t('policy.missingPercent')}
              value={missing}
              error={form.errors.missing}
              onChange={(value) => form.setFieldValue('missing', value)}
            />
          </Group>
        )}
      </Stack>
    </Card>
  );
}

/** Letters and the percent each is for from. */
export function Letters({ form }: { form: Form }) {
  const { t } = useTranslation('gradebook');
  const letters = form.values.letters ?? [];
  return (
    <Card>
      <Stack align="flex-start">
        <Title order={2}>{t('policy.letters')}</Title>
        {letters.map((letter, index) => (
          <Group key={index} gap="xs">
            <TextInput
              aria-label={t('policy.letter')}
              w={90}
              maxLength={20}
              {...form.getInputProps(`letters.${index}.letter`)}
            />
            <Decimal
              label={`${letter.letter}, ${t('policy.atLeast')}`}
              value={letter.at_least}
              error={form.errors[`letters.${index}.at_least`]}
              onChange={(value) => form.setFieldValue(`letters.${index}.at_least`, value)}
            />
            <ActionIcon
              variant="subtle"
              color="red"
              aria-label={t('policy.removeLetter', { letter: letter.letter })}
              onClick={() => form.removeListItem('letters', index)}
            >
              <IconTrash size={16} />
            </ActionIcon>
          </Group>
        ))}
        <Group>
          <Button
            variant="default"
            leftSection={<IconPlus size={16} />}
            onClick={() => form.insertListItem('letters', { letter: '', at_least: '0' })}
          >
            {t('policy.addLetter')}
          </Button>
          {letters.length === 0 && (
            <Button variant="subtle" onClick={() => form.setFieldValue('letters', LETTERS)}>
              {t('policy.usualLetters')}
            </Button>
          )}
        </Group>
      </Stack>
    </Card>
  );
}
