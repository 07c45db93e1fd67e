import type { Queryable } from '../../../lib/postgres.ts';
import type { Parcel, ParcelStore } from './parcels.ts';

const COLUMNS = 'order_id AS "orderId", parcel_id AS "parcelId", customer_id AS "customerId", status, reason';

/** Parcels in Postgres. `worker` says which of the competing workers packed one. */
export function createParcelStore(db: Queryable, worker: string): ParcelStore {
  const find = async (orderId: string): Promise<Parcel | undefined> => {
    const { rows } = await db.query<Parcel>(`SELECT ${COLUMNS} FROM parcels WHERE order_id = $1`, [orderId]);
    return rows[0];
  };
  return {
    find,
    add: async (parcel) => {
      const { orderId, parcelId, customerId, status, reason } = parcel;
      const { rowCount } = await db.query(
        `INSERT INTO parcels (order_id, parcel_id, customer_id, status, reason, worker)
         VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING`,
        [orderId, parcelId, customerId, status, reason, worker],
      );
      return rowCount === 1 ? parcel : ((await find(orderId)) ?? parcel);
    },
  };
}
