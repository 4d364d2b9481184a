import { Anchor, Card, NumberInput, Select, SimpleGrid, Stack, Switch, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { Moment } from '@/shared/components/Moment';
import { END_OF_DAY, MORNING } from '@/shared/format';
import type { Quiz } from '../api';
import type { Errors, Rules } from './draft';

interface Props {
  quiz: Quiz;
  rules: Rules;
  onChange: (change: Rules) => void;
  errors: Errors;
}

const RESULTS = ['on_release', 'when_marked'] as const;
const ANSWERS = ['never', 'with_results', 'after_close'] as const;
const SWITCHES = ['late_full_time', 'shuffle_questions', 'shuffle_choices', 'anonymous_marking'] as const;
const MINUTE = 60;

const numberOf = (value: string | number): number | null => (value === '' ? null : Number(value));

/** When a quiz is open, how long it takes, what shows when. */
export function RulesForm({ quiz, rules, onChange, errors }: Props) {
  const { t } = useTranslation('quiz');
  const now = { ...quiz, ...rules };
  return (
    <Card>
      <Stack>
        <SimpleGrid cols={{ base: 1, sm: 2 }}>
          {(['opens_at', 'closes_at'] as const).map((field) => (
            <Moment
              key={field}
              label={t(`rules.${field}`)}
              placeholder={t('rules.anyTime')}
              time={field === 'opens_at' ? MORNING : END_OF_DAY}
              value={now[field] ?? null}
              onChange={(at) => onChange({ [field]: at })}
              error={errors[field]}
            />
          ))}
          <NumberInput
            label={t('rules.minutes')}
            description={t('rules.minutesHint')}
            min={1}
            value={now.time_limit_seconds === null ? '' : now.time_limit_seconds / MINUTE}
            onChange={(value) => {
              const minutes = numberOf(value);
              onChange({ time_limit_seconds: minutes && Math.round(minutes * MINUTE) });
            }}
            error={errors['time_limit_seconds']}
          />
          <NumberInput
            label={t('rules.attempts')}
            description={t('rules.attemptsHint')}
            min={1}
            max={1000}
            allowDecimal={false}
            value={now.attempts_allowed ?? ''}
            onChange={(value) => onChange({ attempts_allowed: numberOf(value) })}
            error={errors['attempts_allowed']}
          />
          <Select
            label={t('rules.results')}
            allowDeselect={false}
            data={RESULTS.map((value) => ({ value, label: t(`rules.${value}`) }))}
            value={now.results_show}
            onChange={(value) => onChange({ results_show: value as Rules['results_show'] })}
            error={errors['results_show']}
          />
          <Select
            label={t('rules.answers')}
            allowDeselect={false}
            data={ANSWERS.map((value) => ({ value, label: t(`rules.${value}`) }))}
            value={now.answers_show}
            onChange={(value) => onChange({ answers_show: value as Rules['answers_show'] })}
            error={errors['answers_show']}
          />
        </SimpleGrid>
        {SWITCHES.map((field) => (
          <Switch
            key={field}
            label={t(`rules.${field}`)}
            checked={now[field]}
            onChange={(event) => onChange({ [field]: event.currentTarget.checked })}
          />
        ))}
        <Text size="sm">
          {t('rules.counts', { counts: t(`counts.${quiz.counts}`, { ns: 'assignments' }) })}{' '}
          <Anchor component={Link} to={`/assignments/${quiz.assignment_id}/edit`} inherit>
            {t('rules.changeCounts')}
          </Anchor>
        </Text>
      </Stack>
    </Card>
  );
}
