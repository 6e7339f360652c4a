//! A service of budgets that is made of `crates/budget`.

use budget::{Ask, Limit, Part, State, Ticket, reserve};
use cache_api::{Message, budget as message};
use plugin::{Answer, GrpcCall};
use std::collections::HashMap;

/// The service, as `budget.proto` describes it.
#[derive(Default)]
pub struct Service {
    pub states: HashMap<String, State>,
    pub open: HashMap<Vec<u8>, Vec<(String, Limit, Ticket)>>,
    pub is_down: bool,
}

impl Service {
    pub fn answer(&mut self, call: &GrpcCall, now_ms: u64) -> Answer {
        if self.is_down {
            return Answer::Failed(Some(14));
        }
        match call.method {
            "Reserve" => {
                Answer::Message(self.reserve(message::ReserveRequest::decode(&*call.message).unwrap(), now_ms))
            }
            "Settle" => {
                for settlement in message::SettleRequest::decode(&*call.message).unwrap().settlements {
                    self.settle(&settlement, now_ms);
                }
                Answer::Message(Vec::new())
            }
            other => panic!("{other}"),
        }
    }

    fn reserve(&mut self, request: message::ReserveRequest, now_ms: u64) -> Vec<u8> {
        let limits: Vec<(String, Limit, u64, bool)> = request
            .demands
            .iter()
            .map(|d| (d.key.clone(), Limit::try_from(d.limit.as_ref().unwrap()).unwrap(), d.amount, d.at_once))
            .collect();
        let mut states: Vec<State> =
            limits.iter().map(|(key, ..)| self.states.remove(key).unwrap_or_else(|| State::new(1))).collect();
        let mut parts: Vec<Part<'_>> = limits
            .iter()
            .zip(&mut states)
            .map(|((_, limit, amount, at_once), state)| Part {
                limit,
                state,
                ask: Ask {
                    amount: *amount,
                    expires_after_ms: request.expires_after_ms,
                    expiry: request.expiry().into(),
                    at_once: *at_once,
                    force: request.force,
                },
            })
            .collect();
        let taken = reserve(&mut parts, now_ms, Some(request.least).filter(|least| *least > 0));
        let mut response = message::ReserveResponse::default();
        match taken {
            Ok(tickets) => {
                response.admitted = true;
                response.granted = tickets.iter().map(|ticket| ticket.amount).collect();
                let open =
                    limits.iter().zip(tickets).map(|((key, limit, ..), ticket)| (key.clone(), limit.clone(), ticket));
                self.open.insert(request.reservation, open.collect());
            }
            Err(refusal) => {
                response.refused_by = refusal.by as u32;
                response.retry_after_ms = refusal.retry_after_ms.unwrap_or(0);
            }
        }
        for ((key, limit, ..), mut state) in limits.into_iter().zip(states) {
            response.standings.push(state.standing(&limit, now_ms).into());
            self.states.insert(key, state);
        }
        response.encode_to_vec()
    }

    fn settle(&mut self, settlement: &message::Settlement, now_ms: u64) {
        match self.open.remove(&settlement.reservation) {
            Some(open) => {
                for (at, (key, limit, ticket)) in open.iter().enumerate() {
                    let spent = settlement.spent.get(at).copied().unwrap_or(0);
                    self.states.get_mut(key).unwrap().settle(limit, now_ms, ticket, spent);
                }
            }
            None => {
                for (demand, spent) in settlement.demands.iter().zip(&settlement.spent) {
                    let limit = Limit::try_from(demand.limit.as_ref().unwrap()).unwrap();
                    let state = self.states.entry(demand.key.clone()).or_insert_with(|| State::new(1));
                    state.charge(&limit, now_ms, *spent);
                }
            }
        }
    }
}
