/** What protos/payments.proto says, as types. */
export interface ChargeRequest {
  idempotencyKey: string;
  orderId: string;
  customerId: string;
  amountCents: number;
}

export interface ChargeReply {
  charged: boolean;
  chargeId: string;
  reason: string;
}

export interface RefundRequest {
  idempotencyKey: string;
  orderId: string;
}

export interface PaymentsMethods {
  charge: { request: ChargeRequest; reply: ChargeReply };
  refund: { request: RefundRequest; reply: { refunded: boolean } };
}
