/** A limit for the bill of the account that is mailed about. AWS has none that stops spending. */
import { CfnBudget } from 'aws-cdk-lib/aws-budgets'
import type { Construct } from 'constructs'
import type { Settings } from '../settings.ts'

export function buildBudget(scope: Construct, { budgetUsd, alarmMail }: Settings): void {
  const mailAt = (notificationType: 'ACTUAL' | 'FORECASTED', threshold: number) => ({
    notification: { notificationType, comparisonOperator: 'GREATER_THAN', threshold },
    subscribers: [{ subscriptionType: 'EMAIL', address: alarmMail }],
  })
  new CfnBudget(scope, 'Budget', {
    budget: {
      budgetType: 'COST',
      timeUnit: 'MONTHLY',
      budgetLimit: { amount: budgetUsd, unit: 'USD' },
    },
    // In per cent of the budget.
    notificationsWithSubscribers: [
      mailAt('ACTUAL', 50),
      mailAt('ACTUAL', 100),
      mailAt('FORECASTED', 100),
    ],
  })
}
